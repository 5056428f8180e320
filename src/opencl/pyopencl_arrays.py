"""PyOpenCL's array operations against NumPy, on whatever OpenCL device comes first."""
import numpy as np
import pyopencl as cl
import pyopencl.array as cla
import pyopencl.clmath as clmath
from pyopencl.reduction import ReductionKernel
from pyopencl.scan import GenericScanKernel

device = cl.get_platforms()[0].get_devices()[0]
print(device.name, "/", device.version)
context = cl.Context([device])
queue = cl.CommandQueue(context)
random = np.random.default_rng(1)
n = 5003

x = random.standard_normal(n).astype(np.float32)
y = random.standard_normal(n).astype(np.float32)
dx, dy = cla.to_device(queue, x), cla.to_device(queue, y)

np.testing.assert_array_equal((dx + dy).get(), x + y)
np.testing.assert_array_equal((dx * dy - 2).get(), x * y - np.float32(2))
np.testing.assert_allclose((dx / dy).get(), x / y, rtol=1e-6)
np.testing.assert_allclose(clmath.exp(dx).get(), np.exp(x), rtol=1e-6)
np.testing.assert_allclose(clmath.sin(dx).get(), np.sin(x), rtol=1e-6, atol=1e-7)
np.testing.assert_array_equal(abs(dx).get(), abs(x))
np.testing.assert_array_equal((dx > dy).get().astype(bool), x > y)
np.testing.assert_allclose(cla.sum(dx).get(), x.sum(), rtol=1e-4, atol=1e-3)
np.testing.assert_allclose(cla.dot(dx, dy).get(), x @ y, rtol=1e-4, atol=1e-3)
assert cla.max(dx).get() == x.max() and cla.min(dx).get() == x.min()

d = x.astype(np.float64)
np.testing.assert_allclose(cla.sum(cla.to_device(queue, d)).get(), d.sum(), rtol=1e-12, atol=1e-10)

indices = random.integers(0, n, 777).astype(np.int32)
np.testing.assert_array_equal(cla.take(dx, cla.to_device(queue, indices)).get(), x[indices])

norm = ReductionKernel(context, np.float32, neutral="0", reduce_expr="a+b", map_expr="x[i]*x[i]",
                       arguments="__global const float *x")
np.testing.assert_allclose(norm(dx).get(), (x * x).sum(), rtol=1e-5)

counts = random.integers(0, 100, n).astype(np.int32)
scan = GenericScanKernel(context, np.int32, arguments="__global int *a", input_expr="a[i]",
                         scan_expr="a+b", neutral="0", output_statement="a[i] = item;")
dc = cla.to_device(queue, counts)
scan(dc, queue=queue)
np.testing.assert_array_equal(dc.get(), np.cumsum(counts))
print("all right")
