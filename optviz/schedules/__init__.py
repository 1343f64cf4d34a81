"""Schedules."""


class Schedule: ...


def configure(*a): ...
