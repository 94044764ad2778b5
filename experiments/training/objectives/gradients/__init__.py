"""Objectives that weigh the tasks' gradients of the shared variables, and what those need."""
