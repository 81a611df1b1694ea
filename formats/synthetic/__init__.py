"""A simulated street: lidar, cameras and exact ground truth, from nothing but a seed."""

from .scene import SimulationOptions, simulate_scene

__all__ = ["SimulationOptions", "simulate_scene"]
