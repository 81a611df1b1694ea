"""Settings that every test shares."""

from hypothesis import HealthCheck, settings

# The first call of a kernel compiles it, which no deadline allows for.
settings.register_profile("worldline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("worldline")
