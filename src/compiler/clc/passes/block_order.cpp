#include "block_order.h"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>

#include <utility>
#include <vector>

namespace isobar::clc {
namespace {

using Blocks = std::vector<llvm::BasicBlock*>;

/// Moves the loop's blocks, in their order, to where the first of them stands: its header.
void gather(Blocks& order, const llvm::Loop& loop) {
  Blocks inside, gathered;
  for (llvm::BasicBlock* block : order)
    if (loop.contains(block)) inside.push_back(block);
  for (llvm::BasicBlock* block : order) {
    if (block == inside.front())
      gathered.insert(gathered.end(), inside.begin(), inside.end());
    else if (!loop.contains(block))
      gathered.push_back(block);
  }
  order = std::move(gathered);
  for (const llvm::Loop* inner : loop) gather(order, *inner);
}

void order_blocks(llvm::Function& function) {
  const llvm::DominatorTree dominators(function);
  const llvm::LoopInfo loops(dominators);
  const llvm::ReversePostOrderTraversal<llvm::Function*> reverse_post_order(&function);
  Blocks order(reverse_post_order.begin(), reverse_post_order.end());
  for (const llvm::Loop* loop : loops) gather(order, *loop);
  for (std::size_t i = 1; i < order.size(); ++i) order[i]->moveAfter(order[i - 1]);
}

}  // namespace

void order_blocks(llvm::Module& module) {
  for (llvm::Function& function : module)
    if (!function.isDeclaration()) order_blocks(function);
}

}  // namespace isobar::clc
