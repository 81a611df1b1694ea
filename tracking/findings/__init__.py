"""Findings: what rules of physics and good sense say against tracks."""

from .finding import Finding, Rule
from .inspect import Subject, inspect_scene
from .limits import DEFAULT_LIMITS, Limits

__all__ = ["DEFAULT_LIMITS", "Finding", "Limits", "Rule", "Subject", "inspect_scene"]
