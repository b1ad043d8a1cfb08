"""The policy file: found (`discovery`), read and judged (`load`), shown (`effective`).

Importing this package or `discovery` costs nothing; `load` imports pydantic, so import it only when
there is a policy to read.
"""
