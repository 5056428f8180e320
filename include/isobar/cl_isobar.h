/* cl_isobar: what OpenCL cannot say. An OpenCL extension of the Isobar platform; get the functions
 * with clGetExtensionFunctionAddressForPlatform, after finding "cl_isobar_kernel_counters" in
 * CL_DEVICE_EXTENSIONS. Plain C, so that any OpenCL program may use it. */
#ifndef ISOBAR_CL_ISOBAR_H
#define ISOBAR_CL_ISOBAR_H

#include <CL/cl.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CL_ISOBAR_KERNEL_COUNTERS_EXTENSION_NAME "cl_isobar_kernel_counters"

/* Instruction classes, in the order of cl_isobar_counters::warp_instructions. */
#define CL_ISOBAR_CLASS_INT_ALU 0 /* add, shift, logic, compare, address arithmetic */
#define CL_ISOBAR_CLASS_INT_MUL 1
#define CL_ISOBAR_CLASS_INT_DIV 2
#define CL_ISOBAR_CLASS_FP16 3 /* add, multiply, fused multiply-add, compare, convert */
#define CL_ISOBAR_CLASS_FP32 4
#define CL_ISOBAR_CLASS_FP64 5
#define CL_ISOBAR_CLASS_FP_SPECIAL 6 /* divide, square root */
#define CL_ISOBAR_CLASS_LOAD 7
#define CL_ISOBAR_CLASS_STORE 8
#define CL_ISOBAR_CLASS_ATOMIC 9
#define CL_ISOBAR_CLASS_BRANCH 10     /* branches and jumps */
#define CL_ISOBAR_CLASS_CROSS_LANE 11 /* shuffle, vote, ballot */
#define CL_ISOBAR_CLASS_SYNC 12       /* barrier, fence, exit */
#define CL_ISOBAR_CLASS_SYSTEM 13     /* CSR access, ecall */
#define CL_ISOBAR_CLASS_COUNT 14

/* Causes of the ledger of cycles. */
#define CL_ISOBAR_CAUSE_COUNT 41

/* Parts of the energy, in the order of cl_isobar_counters::energy_picojoules. */
#define CL_ISOBAR_ENERGY_INSTRUCTIONS 0 /* fetch, decode, scheduling */
#define CL_ISOBAR_ENERGY_ARITHMETIC 1
#define CL_ISOBAR_ENERGY_REGISTERS 2
#define CL_ISOBAR_ENERGY_LOCAL_MEMORY 3
#define CL_ISOBAR_ENERGY_L1 4
#define CL_ISOBAR_ENERGY_L2 5
#define CL_ISOBAR_ENERGY_NETWORK 6
#define CL_ISOBAR_ENERGY_DRAM 7
#define CL_ISOBAR_ENERGY_STATIC 8 /* while the kernel ran */
#define CL_ISOBAR_ENERGY_COUNT 9

/* Everything counted over one launch, or summed over many. All counts are exact. */
typedef struct cl_isobar_counters {
  cl_ulong launches;
  cl_ulong work_groups;
  cl_ulong work_items;
  cl_ulong warps;
  cl_ulong warp_instructions[CL_ISOBAR_CLASS_COUNT];   /* issued, by class */
  cl_ulong thread_instructions[CL_ISOBAR_CLASS_COUNT]; /* the same, times active lanes */
  cl_ulong lane_slots; /* warp instructions times existing lanes of the warp */
  cl_ulong flops_fp16, flops_fp32, flops_fp64;    /* add, mul, div, sqrt: 1 per lane; fma: 2 */
  cl_ulong global_load_bytes, global_store_bytes; /* as asked for by the lanes */
  cl_ulong global_sectors; /* 32-byte sectors touched, after coalescing within a warp */
  cl_ulong local_bytes, private_bytes, constant_bytes;
  cl_ulong local_accesses;       /* warp-wide local-memory instructions */
  cl_ulong divergent_branches;   /* branches that split a warp's running path */
  cl_ulong host_nanoseconds;     /* wall time of the simulation itself */
  cl_ulong host_cpu_nanoseconds; /* summed over the host threads that simulated */
  cl_ulong device_picoseconds;   /* simulated time, from either of the two sources below */
  /* Functional fidelity: the first-order model. The parts sum exactly to device_picoseconds. */
  cl_ulong part_arithmetic, part_issue, part_local_memory, part_dram, part_launch;
  /* Timed and sampled fidelity: cycles of the timed machine (else all zero). Each cycle of each
   * issue slot is charged, lane by lane, to one cause (src/ledger/cycle_cause.h, in its order); the
   * charges sum exactly to cycle_capacity = cycles x cores x schedulers x lanes. */
  cl_ulong device_cycles, cycle_capacity;
  cl_ulong cycle_charges[CL_ISOBAR_CAUSE_COUNT];
  cl_ulong resident_warp_cycles; /* warps resident, summed over cycles and cores */
  cl_ulong timed_launches;       /* at least a part of which the timed machine ran */
  cl_ulong timed_work_groups;    /* run by the timed machine; the others are extrapolated */
  cl_ulong timed_warp_instructions;
  cl_ulong margin_picoseconds; /* how far extrapolation may be off: two standard errors */
  cl_ulong l1_sector_hits, l1_sector_misses;
  cl_ulong l2_sector_hits, l2_sector_misses;
  cl_ulong network_bytes, dram_read_bytes, dram_write_bytes;
  /* Zero where the chip's file describes no energy. */
  cl_ulong energy_picojoules[CL_ISOBAR_ENERGY_COUNT];
} cl_isobar_counters;

/* Counters of the command behind a completed event of clEnqueueNDRangeKernel.
 * CL_INVALID_EVENT, CL_INVALID_VALUE, CL_PROFILING_INFO_NOT_AVAILABLE (not complete, not a kernel).
 */
typedef cl_int(CL_API_CALL* clGetEventCountersISOBAR_fn)(cl_event event, size_t size_in_bytes,
                                                         cl_isobar_counters* counters);

/* Sums over every launch of a context so far, one row per kernel name, in order of first launch.
 * Called first with rows == NULL to learn the count. Names are valid while the context lives. */
typedef struct cl_isobar_kernel_row {
  const char* kernel_name;
  cl_isobar_counters counters;
} cl_isobar_kernel_row;
typedef cl_int(CL_API_CALL* clGetContextCountersISOBAR_fn)(cl_context context, size_t row_size,
                                                           cl_uint num_rows,
                                                           cl_isobar_kernel_row* rows,
                                                           cl_uint* num_rows_ret);
/* Forgets the sums so far, so that a caller can measure a stretch of its run. */
typedef cl_int(CL_API_CALL* clResetContextCountersISOBAR_fn)(cl_context context);

/* What the ledger divides by: the chip's peaks, as its file states them. */
typedef struct cl_isobar_chip {
  char name[64];
  char path[256];
  double clock_hz;
  cl_uint cores, lanes;
  double fp16_flops, fp32_flops, fp64_flops; /* dense peak, FLOP/s */
  double dram_bytes_per_second;
  cl_uint describes_energy; /* whether energies are known at all */
  double static_watts;
} cl_isobar_chip;
typedef cl_int(CL_API_CALL* clGetDeviceChipISOBAR_fn)(cl_device_id device, size_t size_in_bytes,
                                                      cl_isobar_chip* chip);

#ifdef __cplusplus
}
#endif
#endif
