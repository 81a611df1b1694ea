"""The description of the interface."""

from worldline.server.openapi import describe_interface, interface_text

CONTRACT = {
    "/api/session": {"get"},
    "/api/formats": {"get"},
    "/api/schema": {"get", "put"},
    "/api/scenes": {"get"},
    "/api/scenes/{scene}": {"get", "delete"},
    "/api/scenes/{scene}/data/{generation}/points/{sensor}/{block}": {"get"},
    "/api/scenes/{scene}/data/{generation}/images/{sensor}/{frame}": {"get"},
    "/api/scenes/{scene}/data/{generation}/packets/{sensor}": {"get"},
    "/api/scenes/{scene}/data/{generation}/packets-index/{sensor}": {"get"},
    "/api/scenes/{scene}/data/{generation}/frames/{sensor}/{page}": {"get"},
    "/api/scenes/{scene}/data/{generation}/clock/{sensor}": {"get"},
    "/api/scenes/{scene}/frames": {"get"},
    "/api/scenes/{scene}/labels": {"get"},
    "/api/scenes/{scene}/changes": {"get", "post"},
    "/api/scenes/{scene}/changes/{change}/undo": {"post"},
    "/api/scenes/{scene}/assist/fit": {"post"},
    "/api/scenes/{scene}/assist/propagate": {"post"},
    "/api/scenes/{scene}/assist/interpolate": {"post"},
    "/api/scenes/{scene}/exports": {"post"},
    "/api/jobs/{job}": {"get", "delete"},
    "/api/jobs/{job}/file": {"get"},
    "/api/scenes/{scene}/data/{generation}/fields/{sensor}/{block}": {"get"},
    "/api/scenes/{scene}/assist/solve": {"post"},
    "/api/scenes/{scene}/findings": {"get"},
    "/api/imports": {"get"},
    "/api/scenes/{scene}/merged": {"post"},
    "/api/scenes/{scene}/data/{generation}/octree/{sensor}/{frame}": {"get"},
    "/api/scenes/{scene}/data/{generation}/reduced/{sensor}/{width_px}/{frame}": {"get"},
    "/api/uploads/{set_id}": {"delete", "get", "options", "post"},
    "/api/uploads/{set_id}/import": {"post"},
    "/api/uploads/{set_id}/files/{upload_id}": {"delete", "get", "patch"},
}


def test_every_path_of_the_contract_is_described_and_no_other() -> None:
    assert {path: set(methods) for path, methods in describe_interface()["paths"].items()} == CONTRACT


def test_it_is_the_same_text_every_time() -> None:
    assert interface_text() == interface_text()


def test_every_answer_and_message_has_a_schema() -> None:
    document = describe_interface()
    schemas = document["components"]["schemas"]
    for name in (
        "SceneDocument",
        "AppliedDocument",
        "LabelsDocument",
        "ChangeMessage",
        "PresenceMessage",
        "ErrorDocument",
    ):
        assert name in schemas
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            assert described["operationId"], (method, path)
            assert described["responses"]["default"]["content"]["application/json"]["schema"], (method, path)
    assert "HTTPValidationError" not in schemas
