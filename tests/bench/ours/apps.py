from django.apps import AppConfig


class BenchConfig(AppConfig):
    name = "tests.bench.ours"
    label = "bench_ours"
