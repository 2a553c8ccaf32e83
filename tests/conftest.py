"""What all tests share."""

import multiprocessing.forkserver
import os
import sys
from unittest import mock

import jaxtyping
import pytest
import torch
import toy
from hypothesis import settings

torch.set_num_threads(1 if "PYTEST_XDIST_WORKER" in os.environ else 2)
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.fixture
def as_users_run_it():
    """Switch off the shape checks that pytest adds: our own errors must do."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture(scope="session")
def warm_start():
    """Import torch once, in a process that never computes; all runs fork from it."""
    toy.PROCESSES.set_forkserver_preload(["toy_run"])
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}  # else the preload finds nothing
    with mock.patch.dict(os.environ, paths):
        multiprocessing.forkserver.ensure_running()


@pytest.fixture(scope="session")
def finished(tmp_path_factory, warm_start):
    """The folder of a toy run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    code, printed = toy.run(folder)
    assert code == 0, printed
    return folder


@pytest.fixture(scope="session")
def reference(finished):
    return toy.state_of(finished)


@pytest.fixture
def folder(tmp_path, warm_start):
    return tmp_path / "run"


@pytest.fixture(scope="module")
def browser():
    from browser import chromium

    with chromium() as running:
        yield running


@pytest.fixture
def open_page(browser):
    """browser.opened, closed when the test ends."""
    from browser import opened

    contexts = []

    def open_page(path, query="", **options):
        page = opened(browser, path, query, **options)
        contexts.append(page.context)
        return page

    yield open_page
    for context in contexts:
        context.close()
