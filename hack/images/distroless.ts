/** Debian packages whose files a Node program needs: C and C++ library, certificates, time zones, services, release. */
export const distrolessPackages = ['libc6', 'libgcc-s1', 'libstdc++6', 'tzdata', 'netbase', 'base-files'];

/** Files written by hand. No shell, no package manager. */
export const distrolessFiles: Readonly<Record<string, string>> = {
  'etc/passwd':
    'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnobody:x:65534:\ntty:x:5:\nnonroot:x:65532:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nprotocols: files\nservices: files\n',
};

/** Paths in a package's file list (`dpkg -L`), as absolute paths. */
export function packageFiles(list: string): string[] {
  return list.split('\n').filter((line) => line.startsWith('/') && line !== '/.');
}

/** False for what no program of ours opens: documentation, character set tables, programs, configuration of shells. */
export function keptInDistroless(path: string): boolean {
  const dropped = [
    /^\/usr\/share\/(doc|lintian|base-files|bug|gcc|gdb|man|info|common-licenses)\//,
    /\/gconv\//,
    /\/audit\//,
    /^(\/usr)?\/s?bin\//,
    /^\/usr\/share\/zoneinfo\/(right|posix)\//,
    /^\/etc\/(profile|issue|motd|update-motd|dpkg|skel|default|ld\.so\.conf)/,
    /^\/root\//,
  ];
  return !dropped.some((pattern) => pattern.test(path));
}
