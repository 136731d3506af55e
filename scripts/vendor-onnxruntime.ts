/**
 * Puts onnxruntime's libraries for the processor into vendor/, which is packed with tomoflow. As a dependency of users,
 * `onnxruntime-node` would run an install script that downloads CUDA's libraries from another server and fails where that
 * cannot be reached. Its JavaScript is taken as it is; of its libraries those that the processor needs: what onnxruntime.dll
 * loads for DirectX alone (DirectML.dll, dxcompiler.dll, dxil.dll) stays away, as does the second copy of the one for macOS.
 * It has an `onnxruntime-common` of its own, so that a user's own onnxruntime-node can be loaded beside it.
 */
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

const own = [
  "dist/index.js",
  "dist/backend.js",
  "dist/binding.js",
  "dist/version.js",
  "bin/napi-v6/linux/x64/libonnxruntime.so.1",
  "bin/napi-v6/linux/x64/onnxruntime_binding.node",
  "bin/napi-v6/linux/arm64/libonnxruntime.so.1",
  "bin/napi-v6/linux/arm64/onnxruntime_binding.node",
  "bin/napi-v6/darwin/arm64/libonnxruntime.1.dylib",
  "bin/napi-v6/darwin/arm64/onnxruntime_binding.node",
  "bin/napi-v6/win32/x64/onnxruntime.dll",
  "bin/napi-v6/win32/x64/onnxruntime_binding.node",
  "bin/napi-v6/win32/arm64/onnxruntime.dll",
  "bin/napi-v6/win32/arm64/onnxruntime_binding.node",
];

const license = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.

What onnxruntime itself is built with: https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt
`;

/** Does nothing where the same version is there whole. */
export function vendorOnnxruntime(root: string): void {
  const packages = join(root, "node_modules");
  const source = join(packages, "onnxruntime-node");
  const target = join(root, "vendor", "onnxruntime");
  const common = join(packages, "onnxruntime-common", "dist", "cjs");
  const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as { version: string };
  const manifest = `${JSON.stringify({
    // by its own name onnxruntime finds the package that it asks for
    name: "onnxruntime-common",
    version,
    type: "commonjs",
    exports: "./common/index.js",
    license: "MIT",
    private: true,
  })}\n`;
  const stamp = join(target, "package.json");
  const files = [
    ...own.map((name) => [join(source, name), name] as const),
    ...readdirSync(common)
      .filter((name) => name.endsWith(".js"))
      .map((name) => [join(common, name), `common/${name}`] as const),
  ];
  const isThere =
    files.every(([, name]) => existsSync(join(target, name))) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === manifest;
  if (isThere) return;
  rmSync(target, { recursive: true, force: true });
  for (const [file, name] of files) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    // no hard links: a process that loads both packages would load one library twice, and abort
    copyFileSync(file, join(target, name), constants.COPYFILE_FICLONE);
  }
  writeFileSync(join(target, "LICENSE"), license);
  writeFileSync(stamp, manifest);
}
