using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hospes.Hypervisor.Native;

namespace Hospes.Hypervisor.Backends.Block.Transfers;

/// <summary>
/// One io_uring (io_uring(7)): transfers are queued in a page shared with the kernel, handed over many at a time, and answered in another. One thread
/// uses it; the kernel signals an eventfd when there are answers.
/// </summary>
internal sealed unsafe class Uring : IDisposable
{
    private const nint SysSetup = 425;
    private const nint SysEnter = 426;
    private const nint SysRegister = 427;
    private const int RegisterEventFd = 4;
    private const long SubmissionRing = 0;
    private const long CompletionRing = 0x8000000;
    private const long SubmissionEntries = 0x10000000;
    private const int EntryBytes = 64;
    private const int AnswerBytes = 16;
    private const int MapPopulate = 0x8000;
    private const byte OpReadVector = 1;
    private const byte OpWriteVector = 2;
    private const byte OpSync = 3;
    private const uint SyncData = 1;
    private const uint NoEvents = 1;

    private readonly int _fd;
    private readonly byte* _submission;
    private readonly nuint _submissionBytes;
    private readonly byte* _completion;
    private readonly nuint _completionBytes;
    private readonly byte* _entries;
    private readonly nuint _entriesBytes;
    private readonly Parameters _parameters;
    private uint _tail;
    private uint _unsent;

    private Uring(int fd, in Parameters parameters)
    {
        _fd = fd;
        _parameters = parameters;
        _submissionBytes = parameters.Submission.Array + parameters.SubmissionCount * sizeof(uint);
        _completionBytes = parameters.Completion.Answers + parameters.CompletionCount * AnswerBytes;
        _entriesBytes = parameters.SubmissionCount * EntryBytes;
        _submission = Map(_submissionBytes, SubmissionRing);
        _completion = Map(_completionBytes, CompletionRing);
        _entries = Map(_entriesBytes, SubmissionEntries);
        _tail = *(uint*)(_submission + parameters.Submission.Tail);
    }

    /// <summary>Makes one; null where the system has none or forbids it.</summary>
    /// <param name="entries">Transfers that may be under way.</param>
    /// <param name="eventDescriptor">Signalled with each answer.</param>
    public static Uring? TryCreate(uint entries, int eventDescriptor)
    {
        Parameters parameters = default;
        int fd = (int)Libc.Syscall(SysSetup, (nint)entries, (nint)(&parameters), 0, 0, 0, 0);
        if (fd < 0)
            return null;
        Uring? ring = null;
        try
        {
            ring = new Uring(fd, parameters);
            if (Libc.Syscall(SysRegister, fd, RegisterEventFd, (nint)(&eventDescriptor), 1, 0, 0) == 0)
                return ring;
        }
        catch (IOException)
        {
            Libc.Close(fd);
            return null;
        }

        ring.Dispose();
        return null;
    }

    /// <summary>Queues a transfer. The vectors stay where they are until it is answered. The caller has no more under way than it asked room for.</summary>
    public void Queue(bool isWrite, int descriptor, long offset, IoVector* vectors, int count, ulong tag) =>
        Queue(isWrite ? OpWriteVector : OpReadVector, descriptor, (ulong)offset, (ulong)vectors, (uint)count, 0, tag);

    /// <summary>Queues a flush of a file's data.</summary>
    public void QueueFlush(int descriptor, ulong tag) => Queue(OpSync, descriptor, 0, 0, 0, SyncData, tag);

    /// <summary>Hands what is queued to the kernel.</summary>
    /// <exception cref="IOException">The kernel does not take it.</exception>
    public void Submit()
    {
        while (_unsent != 0)
        {
            nint sent = Libc.Syscall(SysEnter, _fd, (nint)_unsent, 0, 0, 0, 0);
            if (sent > 0)
                _unsent -= (uint)sent;
            else if (sent == 0 || Marshal.GetLastPInvokeError() is not (Libc.Eintr or Libc.Eagain or Libc.Ebusy))
                throw Libc.Failure("io_uring does not take transfers");
        }
    }

    /// <summary>There is an answer to take.</summary>
    public bool HasAnswer =>
        *(uint*)(_completion + _parameters.Completion.Head) != Volatile.Read(ref *(uint*)(_completion + _parameters.Completion.Tail));

    /// <summary>Whether answers are signalled; who looks by itself saves the kernel that. After it was set, <see cref="HasAnswer"/> tells of earlier ones.</summary>
    public bool IsSignalling
    {
        set
        {
            Volatile.Write(ref *(uint*)(_completion + _parameters.Completion.Flags), value ? 0 : NoEvents);
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>Takes one answer: the transfer's tag, and bytes moved or the system's error, negative.</summary>
    public bool TryTake(out ulong tag, out int result)
    {
        ref uint head = ref *(uint*)(_completion + _parameters.Completion.Head);
        uint at = head;
        if (at == Volatile.Read(ref *(uint*)(_completion + _parameters.Completion.Tail)))
        {
            tag = 0;
            result = 0;
            return false;
        }

        byte* answer = _completion + _parameters.Completion.Answers + ((at & (_parameters.CompletionCount - 1)) * AnswerBytes);
        tag = *(ulong*)answer;
        result = *(int*)(answer + 8);
        Volatile.Write(ref head, at + 1);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Libc.Munmap(_entries, _entriesBytes);
        Libc.Munmap(_completion, _completionBytes);
        Libc.Munmap(_submission, _submissionBytes);
        Libc.Close(_fd);
    }

    private void Queue(byte operation, int descriptor, ulong offset, ulong address, uint length, uint flags, ulong tag)
    {
        uint index = _tail & (_parameters.SubmissionCount - 1);
        byte* entry = _entries + (index * EntryBytes);
        Unsafe.InitBlockUnaligned(entry, 0, EntryBytes);
        entry[0] = operation;
        *(int*)(entry + 4) = descriptor;
        *(ulong*)(entry + 8) = offset;
        *(ulong*)(entry + 16) = address;
        *(uint*)(entry + 24) = length;
        *(uint*)(entry + 28) = flags;
        *(ulong*)(entry + 32) = tag;
        *(uint*)(_submission + _parameters.Submission.Array + (index * sizeof(uint))) = index;
        _tail++;
        _unsent++;
        Volatile.Write(ref *(uint*)(_submission + _parameters.Submission.Tail), _tail);
    }

    private byte* Map(nuint length, long offset)
    {
        void* at = Libc.Mmap(null, length, Libc.ProtRead | Libc.ProtWrite, Libc.MapShared | MapPopulate, _fd, offset);
        return at != Libc.MapFailed ? (byte*)at : throw Libc.Failure("io_uring's pages cannot be mapped");
    }

    /// <summary>struct io_uring_params, 120 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Parameters
    {
        internal uint SubmissionCount; // sq_entries
        internal uint CompletionCount; // cq_entries
        private fixed uint _others[8];
        internal SubmissionOffsets Submission; // sq_off
        internal CompletionOffsets Completion; // cq_off
    }

    /// <summary>struct io_sqring_offsets, 40 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SubmissionOffsets
    {
        internal uint Head;
        internal uint Tail;
        private fixed uint _others[4];
        internal uint Array;
        private fixed uint _rest[3];
    }

    /// <summary>struct io_cqring_offsets, 40 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CompletionOffsets
    {
        internal uint Head;
        internal uint Tail;
        private fixed uint _others[3];
        internal uint Answers; // cqes
        internal uint Flags;
        private fixed uint _rest[3];
    }
}
