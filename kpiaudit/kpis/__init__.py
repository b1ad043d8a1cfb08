"""Every KPI: the list (`catalogue`, light), the frames they are counted in (`facts`), a module per family.

Importing this package costs nothing; everything but `catalogue` imports polars.
"""
