"""From the files of an explorer to what a page or a notebook gets.

joining.py   many JavaScript modules become one
parts.py     the weights of a network become scripts
weights.py   a model becomes such weights
"""
