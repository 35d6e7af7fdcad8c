"""Of the schemas that cfn-lint carries, what test/synth/resource-schemas.ts describes. Types on stdin."""
import json
import pathlib
import sys

import cfnlint

DATA = pathlib.Path(cfnlint.__file__).parent / "data" / "schemas"
PROVIDER = json.loads((DATA / "providers" / "us-east-1.json").read_text())


def paths(schema, name):
    return sorted(path.removeprefix("/properties/") for path in schema.get(name, []))


def describe(resource_type):
    schema = json.loads((DATA / "resources" / f"{PROVIDER[resource_type]}.json").read_text())
    read_only = paths(schema, "readOnlyProperties")
    identified_by = [name for name in paths(schema, "primaryIdentifier") if name not in read_only]
    return {"createOnly": paths(schema, "createOnlyProperties"), "identifiedBy": identified_by}


print(json.dumps({one: describe(one) for one in sorted(json.load(sys.stdin))}, indent=1))
