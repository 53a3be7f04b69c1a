"""Values of all kinds, for fields that take some of them."""

from hypothesis import strategies as st

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    # Whole floats are integers to JSON Schema but not to the endpoint's framework.
    st.floats(-1, 3).filter(lambda number: not number.is_integer()),
    st.sampled_from([0, 1, 1.5, 1.5000001]),
    st.text(max_size=3),
    st.lists(st.text(max_size=3) | st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=1),
)
