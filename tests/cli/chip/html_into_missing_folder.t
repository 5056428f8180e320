A page that cannot be written is refused before the work, and nothing is made.

  $ isobar chip h100 --html absent/page.html
  isobar: absent/page.html: cannot be written: there is no folder absent (create it first)
  [2]
  $ isobar chip h100 --html .
  isobar: .: cannot be written: it is a folder (name a file in it)
  [2]
  $ isobar chip --sweep --designs 100 --html absent/page.html
  isobar: absent/page.html: cannot be written: there is no folder absent (create it first)
  [2]
  $ ls
