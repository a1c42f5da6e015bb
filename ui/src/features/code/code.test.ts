import { expect, test } from "vitest";
import { patchedFiles } from "./patch";

const PATCH = `diff --git a/train.py b/train.py
index 1..2 100644
--- a/train.py
+++ b/train.py
@@ -3,3 +3,3 @@ def train():
 import headrace
-depth = 3
+depth = 4
 print("trained")
diff --git a/new.txt b/new.txt
new file mode 100644
--- /dev/null
+++ b/new.txt
@@ -0,0 +1 @@
+hello
\\ No newline at end of file
`;

test("a patch is read file by file, with the numbers of its lines", () => {
  const files = patchedFiles(PATCH);
  expect(files?.map(({ name, added, removed }) => [name, added, removed])).toEqual([
    ["train.py", 1, 1],
    ["new.txt (new)", 1, 0],
  ]);
  expect(files?.[0]?.lines.slice(1)).toEqual([
    { kind: "same", old: 3, now: 3, text: "import headrace" },
    { kind: "gone", old: 4, now: 0, text: "depth = 3" },
    { kind: "new", old: 0, now: 4, text: "depth = 4" },
    { kind: "same", old: 5, now: 5, text: 'print("trained")' },
  ]);
});

test("what is no patch is left to be shown as it is", () => {
  expect(patchedFiles("just words\n") ?? []).toEqual([]);
});
