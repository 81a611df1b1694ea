"""Maps the folders at the top to import names: geometry/ is worldline.geometry, and so on."""

from setuptools import find_packages, setup

LAYERS = ("geometry", "tracking", "formats", "server")

setup(
    packages=[
        "worldline.viewer",
        *(f"worldline.{layer}" for layer in LAYERS),
        *(f"worldline.{layer}.{name}" for layer in LAYERS for name in find_packages(layer)),
    ]
)
