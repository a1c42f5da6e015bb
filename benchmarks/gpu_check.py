"""What a run records of an NVIDIA GPU that it computes on: run it on a machine that has one.

    python benchmarks/gpu_check.py

Trains nothing: multiplies matrices for some seconds (PyTorch must be installed), and prints the GPU
metrics that the run has then. Ends with exit code 1 if the GPU's memory or load was not seen.
"""

import sys
import tempfile
import time

import headrace

SECONDS = 8
SIZE = 8_192


def main() -> int:
    """Compute, and look at what was recorded."""
    import torch

    with tempfile.TemporaryDirectory(prefix="gpu-check-") as folder:
        headrace.set_tracking_uri(folder)
        headrace.set_system_metrics_sampling_interval(0.5)
        with headrace.start_run(log_system_metrics=True) as run:
            a = torch.randn(SIZE, SIZE, device="cuda")
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                a = (a @ a).clamp_(-1, 1)
                torch.cuda.synchronize()
        client = headrace.MlflowClient()
        found = {}
        for key in sorted(client.get_run(run.info.run_id).data.metrics):
            if key.startswith("system/gpu"):
                values = [point.value for point in client.get_metric_history(run.info.run_id, key)]
                found[key] = values
                print(f"{key}: {len(values)} samples, from {min(values):g} to {max(values):g}")
    print(torch.cuda.get_device_name(0))
    seen = max(found.get("system/gpu_0_utilization_percentage", [0])) > 50
    held = max(found.get("system/gpu_0_memory_usage_megabytes", [0])) > SIZE * SIZE * 4 / 1e6
    print("GPU load seen:", seen, "- GPU memory seen:", held)
    return 0 if seen and held else 1


if __name__ == "__main__":
    sys.exit(main())
