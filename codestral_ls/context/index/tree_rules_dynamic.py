"""Definitions in the trees of languages whose names are bound at run time. Pure."""

from codestral_ls.context.index.tree_rules import (
    EVERY,
    FIRST,
    PASS,
    TOP,
    VARIABLE,
    Row,
    Rule,
    Table,
    Way,
    defining,
    holding,
    passing,
    row,
    ways,
)

_PYTHON_BLOCKS = passing(
    "block expression_statement if_statement elif_clause else_clause try_statement except_clause "
    "finally_clause with_statement"
)
_PYTHON_PATTERNS = ways("pattern_list tuple_pattern list_pattern", EVERY) | ways(
    "type generic_type", FIRST
)
PYTHON = row(
    Table(
        nodes=_PYTHON_BLOCKS
        | passing("decorated_definition")
        | holding("class", "class_definition")
        | {
            "function_definition": Rule(
                "function", "name", builders=("__init__", "__post_init__", "__new__")
            ),
            "assignment": Rule(VARIABLE, "left", inside=True, among="chain"),
            "type_alias_statement": Rule("type", "left"),
        },
        ways=_PYTHON_PATTERNS,
        leaves=frozenset({"identifier"}),
    ),
    chain=Table(
        nodes={"assignment": Rule(VARIABLE, "left", inside=True, among="chain")},
        ways=_PYTHON_PATTERNS,
        leaves=frozenset({"identifier"}),
    ),
    constructor=Table(
        nodes=_PYTHON_BLOCKS
        | {
            "assignment": Rule("field", "left", starts="self.", inside=True, among="constructor"),
        },
        ways=_PYTHON_PATTERNS,
        leaves=frozenset({"attribute"}),
    ),
)

_OBJECT = Rule(inside=True, among="object")
_SCRIPT_LEAVES = frozenset(
    {
        "identifier",
        "type_identifier",
        "property_identifier",
        "private_property_identifier",
        "shorthand_property_identifier_pattern",
        "string",
    }
)
_SCRIPT_PATTERNS = {
    **ways("object_pattern array_pattern rest_pattern", EVERY),
    **ways("assignment_pattern object_assignment_pattern", "left"),
    "pair_pattern": Way("value"),
}
_SCRIPT = {
    **passing(
        "export_statement expression_statement lexical_declaration variable_declaration "
        "class_body statement_block if_statement else_clause try_statement class_static_block"
    ),
    "call_expression": Rule(inside=True, among="called"),
    "object": _OBJECT,
    **holding("class", "class_declaration class"),
    **defining("function", "function_declaration generator_function_declaration"),
    "method_definition": Rule("function", "name", builders=("constructor",)),
    "field_definition": Rule(VARIABLE, "property", value="value"),
    "variable_declarator": Rule(
        VARIABLE,
        "name",
        inside=True,
        among="value",
        holds=True,
        value="value",
        foreign=("require(", "await import(", "_interop"),
    ),
    "assignment_expression": Rule(
        VARIABLE, "left", inside=True, among="value", holds=True, value="right"
    ),
}
_SCRIPT_VALUES = {
    "arrow_function": "function",
    "function_expression": "function",
    "generator_function": "function",
    "class": "class",
}
_WRAPPED = Table(
    # what stands in (function () { … })() is not local to anything else in the file
    nodes={
        **passing("parenthesized_expression"),
        "function_expression": Rule(inside=True, among=TOP),
        "arrow_function": Rule(inside=True, among=TOP),
    },
    leaves=_SCRIPT_LEAVES,
)
_CALLED = Table(
    nodes={"parenthesized_expression": Rule(inside=True, among="wrapped")}, leaves=_SCRIPT_LEAVES
)
_ASSIGNED = Table(
    nodes={
        "object": _OBJECT,
        "class": Rule(inside=True, among=TOP),
        "as_expression": Rule(inside=True, among="value"),
        "satisfies_expression": Rule(inside=True, among="value"),
        "assignment_expression": _SCRIPT["assignment_expression"],
    },
    ways={**_SCRIPT_PATTERNS, "member_expression": Way("property", "object")},
    leaves=_SCRIPT_LEAVES,
)
_KEYS = Table(
    nodes={
        "pair": Rule(VARIABLE, "key", value="value"),
        "method_definition": Rule("function", "name"),
    },
    leaves=_SCRIPT_LEAVES,
)
_BUILDING = Table(
    nodes={
        **passing(
            "formal_parameters statement_block expression_statement if_statement else_clause"
        ),
        "required_parameter": Rule("field", "pattern", needs="accessibility_modifier"),
        "assignment_expression": Rule("field", "left", starts="this."),
    },
    leaves=frozenset({"identifier", "member_expression"}),
)


def _script(nodes: dict[str, Rule]) -> Row:
    """JavaScript's row, or one with more."""
    return row(
        Table(
            nodes=nodes,
            ways={**_SCRIPT_PATTERNS, "member_expression": Way("property", "object")},
            leaves=_SCRIPT_LEAVES,
        ),
        values=_SCRIPT_VALUES,
        left_out="exports prototype module",
        called=_CALLED,
        wrapped=_WRAPPED,
        value=_ASSIGNED,
        object=_KEYS,
        constructor=_BUILDING,
    )


JAVASCRIPT = _script(_SCRIPT)
TYPESCRIPT = _script(
    {
        **_SCRIPT,
        **passing("ambient_declaration interface_body object_type intersection_type enum_body"),
        **passing("union_type parenthesized_type"),
        **holding("class", "abstract_class_declaration"),
        **holding("type", "interface_declaration type_alias_declaration enum_declaration"),
        "enum_body": Rule("constant", "name", inside=True),
        "enum_assignment": Rule("constant", "name"),
        "internal_module": Rule("module", "name", inside=True),
        "module": PASS,
        **defining("function", "function_signature method_signature abstract_method_signature"),
        "property_signature": Rule("field", "name"),
        "public_field_definition": Rule(VARIABLE, "name", value="value"),
    }
)
