A table of kernels that its chip could not run as fast is refused, by row.

  $ cat > table.csv <<'CSV'
  > kernel,m,n,k,format,bytes,seconds
  > matmul,8192,4096,4096,bf16,,0.001021
  > matmul,8192,4096,4096,bf16,,0.0000001
  > CSV
  $ isobar plan --model gpt2 --chip a100-80gb --chips 8 --kernels table.csv
  isobar: table.csv:3: 1e-07 s is 8.81e+03 times faster than a100-80gb can be: its dense 16-bit peak, 312 TFLOP/s allows 0.000881 s at least (are the seconds, or the chip, others'?)
  [2]
  $ printf 'kernel,bytes,seconds\nstream,1000000000,0.0001\n' > table.csv
  $ isobar plan --model gpt2 --chip a100-80gb --chips 8 --kernels table.csv
  isobar: table.csv:2: 0.0001 s is * times faster than a100-80gb can be: its memory bandwidth, * GB/s allows * s at least * (glob)
  [2]
