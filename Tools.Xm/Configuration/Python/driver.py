# Runs one domain configuration file that is a Python script, and answers with the values it assigned.
#
# stdin:  {"file": path, "text": source, "variables": {name: string}, "help": bool, "seconds": n}
# stdout: {"values": {name: value}, "lines": {name: line}, "used": [names], "declared": [[name, use]], "output": text,
#          "error": null or {"kind": "syntax"|"runtime"|"check", "line": n, "column": n, "message": text}}
#
# What the script may do is limited below, before its first line runs. README.md beside this file says how far that goes.
import ast
import ctypes
import fcntl
import io
import json
import math
import os
import re
import resource
import socket
import string
import struct
import sys

MEMORY = 512 << 20
NOBODY = 65534


class Refused(Exception):
    """The script tried what a configuration may not do."""


class CheckFailed(Exception):
    """One of the script's own checks turned a variable down."""


class HelpShown(BaseException):
    """Ends a script that was only asked which variables it has."""


class Variables:
    """The object xm_vars: variables that a script takes from the command line."""

    def __init__(self, path, settings, names, help_only):
        self._path, self._settings, self._names, self._help = path, settings, names, help_only
        self.declared = []

    def var(self, name, use='', check=None):
        self.declared.append((name, use, check))
        self._names.setdefault(name, self._settings.get(name))

    def check(self):
        if self._help:
            print('Configuration variables for %s:' % self._path)
            for name, use, _ in self.declared:
                print('%-12s %s' % (name, use))
            raise HelpShown()
        for name, use, check in self.declared:
            if check is None:
                continue
            try:
                self._names[name] = check(name, self._settings.get(name))
            except Refused:
                raise
            except Exception as failure:
                raise CheckFailed('%s - %s' % (name, failure or use or type(failure).__name__))


class Network:
    """The helpers for addresses. Looked up before the network is taken away."""

    def __init__(self):
        self._addresses, self._masks, self._gateways = {}, {}, {}
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as query:
                for _, name in socket.if_nameindex():
                    self._ask(query, name, 0x8915, self._addresses)  # SIOCGIFADDR
                    self._ask(query, name, 0x891b, self._masks)  # SIOCGIFNETMASK
            with open('/proc/net/route') as routes:
                for fields in [line.split() for line in routes.readlines()[1:]]:
                    gateway = socket.inet_ntoa(struct.pack('=L', int(fields[2], 16)))
                    if int(fields[2], 16) != 0:
                        self._gateways.setdefault(fields[0], gateway)
                        if int(fields[1], 16) == 0:
                            self._gateways.setdefault('defaultroute', gateway)
        except (OSError, ValueError, IndexError):
            pass  # a host without network: the helpers answer None

    @staticmethod
    def _ask(query, name, request, answers):
        try:
            answer = fcntl.ioctl(query, request, struct.pack('256s', name.encode()[:15]))
            answers[name] = socket.inet_ntoa(answer[20:24])
        except OSError:
            pass  # an interface without address

    def get_current_ipaddr(self, dev='eth0'):
        return self._addresses.get(dev)

    def get_current_ipmask(self, dev='eth0'):
        return self._masks.get(dev)

    def get_current_ipgw(self, dev='defaultroute'):
        return self._gateways.get(dev)

    @staticmethod
    def inet_aton(text):
        return struct.unpack('!L', socket.inet_aton(text))[0]

    @staticmethod
    def inet_ntoa(number):
        return socket.inet_ntoa(struct.pack('!L', number & 0xffffffff))

    @classmethod
    def add_offset_to_ip(cls, address, offset):
        return cls.inet_ntoa(cls.inet_aton(address) + offset)

    @classmethod
    def check_subnet(cls, address, network, mask):
        return cls.inet_aton(address) & cls.inet_aton(mask) == cls.inet_aton(network) & cls.inet_aton(mask)


def confine(seconds):
    """Gives up what the script must not have. Each step that the system refuses leaves the others in force."""
    libc = ctypes.CDLL(None, use_errno=True)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    is_root = os.geteuid() == 0
    # CLONE_NEWNS, NEWNET, NEWIPC; NEWUSER gives an ordinary user the right to the others, where the system has it so.
    if libc.unshare(0x00020000 | 0x40000000 | 0x08000000 | (0 if is_root else 0x10000000)) == 0:
        # mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, {MOUNT_ATTR_RDONLY, 0, MS_PRIVATE, 0}): read-only for this process alone.
        attributes = struct.pack('=QQQQ', 1, 0, 1 << 18, 0)
        libc.syscall(442, ctypes.c_int(-100), b'/', ctypes.c_uint(0x8000), attributes, ctypes.c_size_t(len(attributes)))
    if is_root:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG: xm's end is the script's
    # Landlock: all rights that write, create or remove (LANDLOCK_ACCESS_FS_WRITE_FILE, REMOVE_*, MAKE_*).
    rights = struct.pack('=Q', 0x1ff2)
    ruleset = libc.syscall(444, rights, ctypes.c_size_t(len(rights)), ctypes.c_uint(0))
    if ruleset >= 0:
        libc.syscall(446, ctypes.c_int(ruleset), ctypes.c_uint(0))
        os.close(ruleset)


FORBIDDEN = {
    'os.remove': 'remove files', 'os.rename': 'rename files', 'os.rmdir': 'remove directories', 'os.mkdir': 'make directories',
    'os.link': 'make links', 'os.symlink': 'make links', 'os.chmod': 'change files', 'os.chown': 'change files',
    'os.truncate': 'change files', 'os.utime': 'change files', 'os.setxattr': 'change files', 'os.removexattr': 'change files',
    'os.system': 'start programs', 'os.exec': 'start programs', 'os.posix_spawn': 'start programs', 'os.spawn': 'start programs',
    'os.fork': 'start processes', 'os.forkpty': 'start processes', 'subprocess.Popen': 'start programs', 'pty.spawn': 'start programs',
    'os.kill': 'send signals', 'os.killpg': 'send signals', 'socket.connect': 'use the network', 'socket.bind': 'use the network',
    'socket.sendto': 'use the network', 'socket.sendmsg': 'use the network', 'socket.getaddrinfo': 'use the network',
    'ctypes.dlopen': 'call the C library', 'ctypes.dlsym': 'call the C library', 'ctypes.call_function': 'call the C library',
}


def refuse(event, arguments):
    """Audit hook: turns a script down with a reason, where the system's limits would only say no."""
    if event == 'open':
        path, mode, flags = arguments
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        if flags & writes:
            raise Refused('a configuration file may not write files: %r' % (path,))
    elif event in FORBIDDEN:
        what = next((repr(os.fsdecode(a)) for a in arguments if isinstance(a, (str, bytes))), '')
        raise Refused('a configuration file may not %s%s' % (FORBIDDEN[event], what and ': ' + what))


def modernise(text):
    """Statements of Python 2 that no longer parse, rewritten line by line so that line numbers stay."""
    text = re.sub(r'^([ \t]*(?:.*:[ \t]+)?)print[ \t]+(?!\()(.+?)[ \t]*$', r'\1print(\2)', text, flags=re.M)
    text = re.sub(r'^(.*\braise[ \t]+\w+)[ \t]*,[ \t]*(.+?)[ \t]*$', r'\1(\2)', text, flags=re.M)
    return re.sub(r'^([ \t]*except[ \t]+[\w.]+)[ \t]*,[ \t]*(\w+)[ \t]*:', r'\1 as \2:', text, flags=re.M)


def parse(text, path):
    try:
        return ast.parse(text, path)
    except SyntaxError:
        try:
            return ast.parse(modernise(text), path)
        except SyntaxError:
            pass
        raise


def plain(value, depth=0):
    """A value that becomes a setting, or None. Functions, modules, dictionaries do not."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple)) and depth < 20:
        return [plain(item, depth + 1) for item in value]
    return None


def line_in(failure, path):
    line, trace = 0, failure.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def describe(failure):
    name, text = type(failure).__name__, str(failure)
    return text if isinstance(failure, (Refused, CheckFailed)) else name + (text and ': ' + text)


def run(request):
    path, settings = request['file'], request['variables']
    answer = {'values': {}, 'lines': {}, 'used': [], 'declared': [], 'output': '', 'error': None}
    network = Network()
    names = {name: getattr(network, name) for name in dir(network) if not name.startswith('_')}
    names.update(settings, sys=sys, os=os, xm_file=path, xm_help=int(request['help']), __name__='__main__', __file__=path)
    predefined = dict(names)
    variables = Variables(path, settings, names, request['help'])
    names['xm_vars'] = variables
    try:
        tree = parse(request['text'], path)
    except SyntaxError as failure:
        answer['error'] = {'kind': 'syntax', 'line': failure.lineno or 0, 'column': failure.offset or 0, 'message': failure.msg}
        return answer
    except (ValueError, RecursionError, MemoryError) as failure:
        answer['error'] = {'kind': 'syntax', 'line': 1, 'column': 0, 'message': describe(failure)}
        return answer
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            answer['lines'][node.id] = max(node.lineno, answer['lines'].get(node.id, 0))
        elif isinstance(node, ast.Name):
            answer['used'].append(node.id)
    sys.stdout = sys.stderr = io.StringIO()
    confine(request['seconds'])
    sys.addaudithook(refuse)
    try:
        exec(compile(tree, path, 'exec'), names)
    except HelpShown:
        pass
    except SystemExit as end:
        if end.code not in (None, 0):
            answer['error'] = {'kind': 'runtime', 'line': line_in(end, path), 'column': 0, 'message': 'the script ended itself: %s' % end.code}
    except CheckFailed as failure:
        answer['error'] = {'kind': 'check', 'line': line_in(failure, path), 'column': 0, 'message': str(failure)}
    except BaseException as failure:
        message = 'it needs more than %d MiB of memory' % (MEMORY >> 20) if isinstance(failure, MemoryError) else describe(failure)
        answer['error'] = {'kind': 'runtime', 'line': line_in(failure, path), 'column': 0, 'message': message}
    answer['output'] = sys.stdout.getvalue() if isinstance(sys.stdout, io.StringIO) else ''
    answer['declared'] = [[str(name), str(use)] for name, use, _ in variables.declared]
    for name, value in names.items():
        kept = None if name.startswith('__') or predefined.get(name, answer) is value else plain(value)
        if kept is not None:
            answer['values'][name] = kept
    return answer


def main():
    request = json.loads(sys.stdin.buffer.read())
    result = os.dup(1)
    silent = os.open('/dev/null', os.O_RDWR)
    os.dup2(silent, 0)
    os.dup2(silent, 1)
    data = json.dumps(run(request)).encode('ascii', 'backslashreplace')
    while data:
        data = data[os.write(result, data):]


main()
