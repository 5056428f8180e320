A config.json as Python writes it may hold Infinity where nobody needs the key; where it must be a
number, the key is named.

  $ cat > config.json <<'JSON'
  > {"architectures": ["LlamaForCausalLM"], "hidden_size": 2048, "intermediate_size": 5632,
  >  "num_attention_heads": 16, "num_hidden_layers": 22, "vocab_size": 32000,
  >  "max_position_embeddings": 2048, "limit": [0.0, Infinity, NaN]}
  > JSON
  $ isobar plan --model config.json --chip h100 --chips 8 --no-ledger | head -1
  * on 8 h100 * (glob)
  $ sed -i 's/"vocab_size": 32000/"vocab_size": Infinity/' config.json
  $ isobar plan --model config.json --chip h100 --chips 8
  isobar: config.json: vocab_size is "Infinity" (it must be a whole number from * to *) (glob)
  [2]

So are quantities and numbers of a cluster file.

  $ cat > k.toml <<'TOML'
  > [[group]]
  > chip = "h100"
  > chips = 8
  > [[level]]
  > bandwidth = "inf GB/s"
  > latency = "1 us"
  > TOML
  $ isobar plan --model gpt2 --cluster k.toml
  isobar: k.toml:5: level.bandwidth is "inf GB/s" (it must be a quantity in one of B/s, kB/s, MB/s, GB/s, TB/s)
  [2]
  $ sed -i 's/"inf GB.s"/"1 GB\/s"\noversubscription = nan/' k.toml
  $ isobar plan --model gpt2 --cluster k.toml
  isobar: k.toml:6: level.oversubscription is nan, but must be a finite number
  [2]
