"""What all tests share."""

import jaxtyping
import pytest
import torch
from hypothesis import settings

torch.set_num_threads(2)
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
