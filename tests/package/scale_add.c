/* What examples/launch_kernel.cpp does, as an OpenCL program: for `isobar run`, whose numbers the
 * example's are held against. The kernel's source is read from the file that is named. */
#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>

static void check(cl_int code, const char* what) {
  if (code == CL_SUCCESS) return;
  fprintf(stderr, "scale_add: %s: %d\n", what, code);
  exit(1);
}

int main(int argc, char** argv) {
  enum { kCount = 16384 };
  static float x[kCount], y[kCount];
  static char source[65536];
  const char* text = source;
  size_t global = kCount, local = 64;
  cl_platform_id platform;
  cl_device_id device;
  cl_int code;
  const float factor = 2;
  FILE* file = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (file == NULL || fread(source, 1, sizeof source - 1, file) == 0) return 1;
  fclose(file);
  for (int i = 0; i < kCount; ++i) x[i] = (float)i, y[i] = 1;

  check(clGetPlatformIDs(1, &platform, NULL), "platform");
  check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "device");
  cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
  check(code, "context");
  cl_command_queue queue = clCreateCommandQueueWithProperties(context, device, NULL, &code);
  check(code, "queue");
  cl_mem on_x = clCreateBuffer(context, CL_MEM_READ_WRITE, sizeof x, NULL, &code);
  check(code, "x");
  check(clEnqueueWriteBuffer(queue, on_x, CL_TRUE, 0, sizeof x, x, 0, NULL, NULL), "write x");
  cl_mem on_y = clCreateBuffer(context, CL_MEM_READ_WRITE, sizeof y, NULL, &code);
  check(code, "y");
  check(clEnqueueWriteBuffer(queue, on_y, CL_TRUE, 0, sizeof y, y, 0, NULL, NULL), "write y");
  cl_program program = clCreateProgramWithSource(context, 1, &text, NULL, &code);
  check(code, "program");
  check(clBuildProgram(program, 1, &device, NULL, NULL, NULL), "build");
  cl_kernel kernel = clCreateKernel(program, "scale_add", &code);
  check(code, "kernel");
  check(clSetKernelArg(kernel, 0, sizeof on_x, &on_x), "argument 0");
  check(clSetKernelArg(kernel, 1, sizeof on_y, &on_y), "argument 1");
  check(clSetKernelArg(kernel, 2, sizeof factor, &factor), "argument 2");
  check(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, &local, 0, NULL, NULL), "launch");
  check(clFinish(queue), "finish");
  return 0;
}
