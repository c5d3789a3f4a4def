# SPDX-License-Identifier: MIT

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

RunModule = Callable[..., dict[str, Any]]

RULE = "arn:aws:iot:us-east-1:000000000000:rule/sensors"
IOT = {
    "function_name": "fn",
    "statement_id": "iot",
    "principal": "iot.amazonaws.com",
    "source_arn": RULE,
    "source_account": "000000000000",
}


@pytest.fixture
def function(aws: Any) -> Iterator[Any]:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("fn.py", "def handle(event, context): return event")
    role = aws.client("iam").create_role(RoleName="fn", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client = aws.client("lambda")
    client.create_function(
        FunctionName="fn",
        Runtime="python3.12",
        Role=role,
        Handler="fn.handle",
        Code={"ZipFile": package.getvalue()},
        Publish=True,
    )
    yield client
    client.delete_function(FunctionName="fn")
    aws.client("iam").delete_role(RoleName="fn")


def statements(client: Any, **scope: str) -> list[dict[str, Any]]:
    try:
        policy = client.get_policy(FunctionName="fn", **scope)["Policy"]
    except client.exceptions.ResourceNotFoundException:
        return []
    found: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return found


def test_life_of_a_statement(function: Any, run_module: RunModule) -> None:
    predicted = run_module("lambda_permission", check=True, **IOT)
    assert statements(function) == []
    assert run_module("lambda_permission", **IOT) == predicted
    assert predicted["changed"] is True
    assert predicted["permission"] == IOT | {"action": "lambda:InvokeFunction", "qualifier": ""}
    assert predicted["diff"] == {"before": {}, "after": predicted["permission"]}
    (statement,) = statements(function)
    assert statement["Principal"] == {"Service": "iot.amazonaws.com"}
    assert statement["Action"] == "lambda:InvokeFunction"
    assert statement["Condition"]["ArnLike"] == {"AWS:SourceArn": RULE}
    assert statement["Condition"]["StringEquals"] == {"AWS:SourceAccount": "000000000000"}
    assert run_module("lambda_permission", **IOT)["changed"] is False

    only_arn = {"function_name": "fn", "statement_id": "iot", "source_arn": f"{RULE}_2"}
    predicted = run_module("lambda_permission", check=True, **only_arn)
    assert statements(function) == [statement]
    assert run_module("lambda_permission", **only_arn) == predicted
    assert predicted["diff"]["before"] | {"source_arn": f"{RULE}_2"} == predicted["diff"]["after"]
    (changed,) = statements(function)
    assert changed["Condition"]["ArnLike"] == {"AWS:SourceArn": f"{RULE}_2"}
    assert changed["Condition"]["StringEquals"] == {"AWS:SourceAccount": "000000000000"}

    gone = {"function_name": "fn", "statement_id": "iot", "state": "absent"}
    assert run_module("lambda_permission", check=True, **gone)["changed"] is True
    assert statements(function) == [changed]
    assert run_module("lambda_permission", **gone)["changed"] is True
    assert statements(function) == []
    again = run_module("lambda_permission", **gone)
    assert (again["changed"], again["diff"]) == (False, {"before": {}, "after": {}})


def test_other_statements_stay(function: Any, run_module: RunModule) -> None:
    function.add_permission(
        FunctionName="fn", StatementId="other", Action="lambda:GetFunction", Principal="111122223333"
    )
    run_module("lambda_permission", **IOT)
    run_module("lambda_permission", **IOT | {"source_account": ""})
    assert {statement["Sid"] for statement in statements(function)} == {"other", "iot"}
    run_module("lambda_permission", **IOT, state="absent")
    assert [statement["Sid"] for statement in statements(function)] == ["other"]


def test_statement_of_a_version(function: Any, run_module: RunModule) -> None:
    assert run_module("lambda_permission", **IOT, qualifier="1")["changed"] is True
    assert run_module("lambda_permission", **IOT, qualifier="1")["changed"] is False
    assert [statement["Sid"] for statement in statements(function, Qualifier="1")] == ["iot"]
    assert run_module("lambda_permission", **IOT, qualifier="1", state="absent")["changed"] is True
    assert statements(function, Qualifier="1") == []


def test_prediction_without_a_function(run_module: RunModule) -> None:
    result = run_module("lambda_permission", check=True, **IOT)
    assert result["changed"] is True
    assert result["permission"] == IOT | {"action": "lambda:InvokeFunction", "qualifier": ""}
    assert run_module("lambda_permission", **IOT, state="absent")["changed"] is False
    assert "Function not found" in run_module("lambda_permission", **IOT)["msg"]


@pytest.mark.usefixtures("function")
def test_a_new_statement_needs_a_principal(run_module: RunModule) -> None:
    for check in (True, False):
        result = run_module("lambda_permission", check=check, function_name="fn", statement_id="iot")
        assert result["failed"] is True
        assert result["msg"] == "statement iot does not exist; creating it needs principal"


def test_an_account_may_be_written_as_its_root(function: Any, run_module: RunModule) -> None:
    account = {"function_name": "fn", "statement_id": "acct", "principal": "111122223333"}
    assert run_module("lambda_permission", **account)["changed"] is True
    root = account | {"principal": "arn:aws:iam::111122223333:root"}
    assert run_module("lambda_permission", **root)["changed"] is False
    assert len(statements(function)) == 1


def test_a_statement_with_unknown_conditions_is_not_rewritten(function: Any, run_module: RunModule) -> None:
    function.add_permission(
        FunctionName="fn",
        StatementId="iot",
        Action="lambda:InvokeFunction",
        Principal="*",
        PrincipalOrgID="o-1234567890",
    )
    result = run_module("lambda_permission", **IOT)
    assert result["failed"] is True
    assert "aws:principalorgid" in result["msg"]
