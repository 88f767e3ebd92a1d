"""Facts to events: a function's symbolic statements become the resolved IR of ``model.ir``.

``lower(frame)`` is the entry. Expressions are lowered in evaluation order: each appends what happens to ``out``
and answers with the operand that stands for its value. Nothing is kept between calls but the frame, which is
frozen, and its counter of temporaries.
"""
