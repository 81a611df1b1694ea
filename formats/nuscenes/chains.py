"""Chains of records: each names the one before and the one after it."""

from .tables import Record, Tables


def walk_samples(tables: Tables, scene: Record) -> list[Record]:
    """The samples of a scene, from the first to the last.

    Raises:
        BrokenFileError: The chain breaks, leads to another scene, runs in a circle, or has another length or end
            than the scene says.
    """
    sample = tables.find("sample", scene.text("first_sample_token"), scene)
    samples = [sample]
    seen = {sample.token}
    while sample.text("next"):
        following = tables.find("sample", sample.text("next"), sample)
        if following.token in seen:
            raise sample.error(f"next leads back to sample {following.token}")
        if following.time_ns <= sample.time_ns:
            raise following.error("its timestamp is not after the sample's before it")
        seen.add(following.token)
        samples.append(following)
        sample = following
    for each in samples:
        if each.text("scene_token") != scene.token:
            raise each.error(f"is in the chain of scene {scene.token}, but says it is of {each.text('scene_token')}")
    if len(samples) != scene.number("nbr_samples") or sample.token != scene.text("last_sample_token"):
        raise scene.error(
            f"says it has {scene.number('nbr_samples'):g} samples and ends at {scene.text('last_sample_token')}, "
            f"but its chain has {len(samples)} and ends at {sample.token}"
        )
    return samples
