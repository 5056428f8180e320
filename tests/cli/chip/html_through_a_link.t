A page's link is followed to its target, and what the page replaces keeps its permissions.

  $ echo old > page.html && chmod 640 page.html && ln -s page.html link.html
  $ isobar chip h100 --html link.html > /dev/null
  isobar: wrote link.html
  $ readlink link.html; stat -c %a page.html; head -c 15 page.html; echo
  page.html
  640
  <!doctype html>
  $ ls -A
  link.html
  page.html
