"""What stands for dbt while SQL style is checked, so that linting needs neither a database nor a parsed project.

Belongs here: placeholders with the shape of what dbt renders. Does not: anything that runs in a build.
"""

# dbt's `return` is a macro; in Python the name is a keyword, hence this way of defining it.
globals()["return"] = lambda value: value
# What a model does when it goes on from the last build is what there is to lint.
execute = True
