Every picture of a page has a name in words, and what scrolls can be reached by the keyboard.

  $ isobar chip h100 isobar-1 --html chips.html > /dev/null
  isobar: wrote chips.html
  $ isobar chip --sweep --designs 300 --html sweep.html > /dev/null
  $ grep -o '<svg[^>]*>' chips.html sweep.html | grep -cv 'role="img" aria-label="[^"]\{20,\}"'
  0
  [1]
  $ grep -o '<pre[^>]*>' sweep.html
  <pre tabindex="0" role="region" aria-label="The front as a table">
  $ grep -c '<main>' chips.html sweep.html
  chips.html:1
  sweep.html:1
