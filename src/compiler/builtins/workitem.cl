// Work-item functions: each is one special register (isa/guest_abi.h) when the dimension is a
// constant. A dimension of 3 or more gives what the standard says: 0 for ids, 1 for sizes.
// Reference: OpenCL C 3.0, section 6.15.1.
#include "builtins.h"

#define BY_DIMENSION(name, REGISTER, other)                      \
  FN size_t name(uint dimension) {                               \
    switch (dimension) {                                         \
      case 0: return CSR(ISOBAR_CSR_##REGISTER##_X);             \
      case 1: return CSR(ISOBAR_CSR_##REGISTER##_Y);             \
      case 2: return CSR(ISOBAR_CSR_##REGISTER##_Z);             \
      default: return other;                                     \
    }                                                            \
  }
BY_DIMENSION(get_global_id, GLOBAL_ID, 0)
BY_DIMENSION(get_local_id, LOCAL_ID, 0)
BY_DIMENSION(get_group_id, GROUP_ID, 0)
BY_DIMENSION(get_global_offset, GLOBAL_OFFSET, 0)
BY_DIMENSION(get_global_size, GLOBAL_SIZE, 1)
BY_DIMENSION(get_local_size, LOCAL_SIZE, 1)
BY_DIMENSION(get_enqueued_local_size, ENQUEUED_LOCAL_SIZE, 1)
BY_DIMENSION(get_num_groups, NUM_GROUPS, 1)

FN uint get_work_dim(void) { return (uint)CSR(ISOBAR_CSR_WORK_DIM); }
FN size_t get_global_linear_id(void) { return CSR(ISOBAR_CSR_GLOBAL_LINEAR_ID); }
FN size_t get_local_linear_id(void) { return CSR(ISOBAR_CSR_LOCAL_LINEAR_ID); }

FN uint get_sub_group_size(void) { return (uint)CSR(ISOBAR_CSR_WARP_SIZE); }
FN uint get_max_sub_group_size(void) { return (uint)CSR(ISOBAR_CSR_MAX_WARP_SIZE); }
FN uint get_num_sub_groups(void) { return (uint)CSR(ISOBAR_CSR_NUM_WARPS); }
FN uint get_sub_group_id(void) { return (uint)CSR(ISOBAR_CSR_WARP); }
FN uint get_sub_group_local_id(void) { return (uint)CSR(ISOBAR_CSR_LANE); }
FN uint get_enqueued_num_sub_groups(void) {
  const ulong harts = CSR(ISOBAR_CSR_ENQUEUED_LOCAL_SIZE_X) *
                      CSR(ISOBAR_CSR_ENQUEUED_LOCAL_SIZE_Y) *
                      CSR(ISOBAR_CSR_ENQUEUED_LOCAL_SIZE_Z);
  const ulong width = CSR(ISOBAR_CSR_MAX_WARP_SIZE);
  return (uint)((harts + width - 1) / width);
}
