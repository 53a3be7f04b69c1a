"""Definitions in the trees of languages whose names are declared. Pure."""

from codestral_ls.context.index.tree_rules import (
    EVERY,
    PASS,
    VARIABLE,
    Rule,
    Table,
    Way,
    defining,
    holding,
    passing,
    row,
    ways,
)

GO = row(
    Table(
        nodes={
            **passing("type_declaration struct_type field_declaration_list interface_type"),
            **passing("const_declaration var_declaration var_spec_list"),
            **holding("type", "type_spec type_alias"),
            **defining("function", "function_declaration method_elem"),
            "method_declaration": Rule("function", "name", owner="receiver"),
            "field_declaration": Rule("field", "name", inside=True),
            **defining("constant", "const_spec var_spec"),
        },
        leaves=frozenset({"identifier", "type_identifier", "field_identifier"}),
    )
)

RUST = row(
    Table(
        nodes={
            **passing("declaration_list field_declaration_list enum_variant_list foreign_mod_item"),
            "mod_item": PASS,
            **holding("class", "struct_item enum_item union_item trait_item"),
            "impl_item": Rule(inside=True, owner="type"),
            **defining("function", "function_item function_signature_item macro_definition"),
            **defining("constant", "const_item static_item"),
            "enum_variant": Rule("constant", "name", inside=True),
            "field_declaration": Rule("field", "name"),
            **defining("type", "type_item associated_type"),
        },
        leaves=frozenset({"identifier", "type_identifier", "field_identifier"}),
    )
)

JAVA = row(
    Table(
        nodes={
            **passing("class_body interface_body enum_body enum_body_declarations"),
            **passing("annotation_type_body field_declaration constant_declaration"),
            **passing("formal_parameters"),
            **holding("class", "class_declaration record_declaration"),
            **holding("type", "interface_declaration enum_declaration annotation_type_declaration"),
            **defining("function", "method_declaration annotation_type_element_declaration"),
            **defining("function", "constructor_declaration compact_constructor_declaration"),
            "variable_declarator": Rule("field", "name"),
            "formal_parameter": Rule("field", "name"),
            "enum_constant": Rule("constant", "name", inside=True),
        },
        leaves=frozenset({"identifier"}),
    )
)

CSHARP = row(
    Table(
        nodes={
            **passing("namespace_declaration file_scoped_namespace_declaration declaration_list"),
            **passing("field_declaration event_field_declaration variable_declaration"),
            **passing("enum_member_declaration_list parameter_list"),
            **holding("class", "class_declaration struct_declaration record_declaration"),
            **holding("type", "interface_declaration enum_declaration"),
            **defining("type", "delegate_declaration"),
            **defining("function", "method_declaration constructor_declaration"),
            **defining("field", "property_declaration event_declaration variable_declarator"),
            **defining("field", "parameter"),
            "enum_member_declaration": Rule("constant", "name"),
        },
        leaves=frozenset({"identifier"}),
    )
)

_C_BLOCKS = passing(
    "preproc_ifdef preproc_if preproc_else preproc_elif preproc_elifdef linkage_specification "
    "declaration_list field_declaration_list enumerator_list"
)
_C_WAYS = {
    **ways("init_declarator pointer_declarator array_declarator", "declarator"),
    "function_declarator": Way("declarator", kind="function"),
    # (*name)(…) is a variable that holds a function
    "parenthesized_declarator": Way(EVERY, kind=VARIABLE),
}
_C = {
    **_C_BLOCKS,
    **defining("constant", "preproc_def enumerator"),
    **defining("function", "preproc_function_def"),
    **holding("class", "struct_specifier union_specifier", needs="field_declaration_list"),
    **holding("type", "enum_specifier", needs="enumerator_list"),
    "type_definition": Rule("type", "declarator", inside=True, holds=True),
    "declaration": Rule(VARIABLE, "declarator", inside=True),
    "field_declaration": Rule("field", "declarator", inside=True),
    "function_definition": Rule("function", "declarator"),
}
_C_LEAVES = frozenset({"identifier", "field_identifier", "type_identifier"})
C = row(Table(nodes=_C, ways=_C_WAYS, leaves=_C_LEAVES))
CPP = row(
    Table(
        nodes={
            **_C,
            **passing("template_declaration"),
            "namespace_definition": Rule(inside=True),
            **holding("class", "class_specifier", needs="field_declaration_list"),
            **defining("type", "alias_declaration concept_definition"),
        },
        ways={
            **_C_WAYS,
            **ways("reference_declarator", EVERY),
            "qualified_identifier": Way("name", "scope"),
            "template_function": Way("name"),
        },
        leaves=_C_LEAVES,
    )
)
