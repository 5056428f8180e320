; The table that groups.cl combines warps through: local memory at program scope, which OpenCL C
; itself cannot declare (isa/guest_abi.h, kLocalSection). It counts as local memory of the kernels that reach it.
target triple = "spir64-unknown-unknown"

@isobar_group_table_storage = internal addrspace(3) global [64 x i64] undef, section ".isobar.local", align 8

define ptr addrspace(3) @isobar_group_table() #0 {
  ret ptr addrspace(3) @isobar_group_table_storage
}

attributes #0 = { alwaysinline nounwind willreturn memory(none) }
