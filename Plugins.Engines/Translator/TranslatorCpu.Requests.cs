using Hospes.Sdk.Engines;

namespace Hospes.Engines.Translator;

/// <summary>Requests to a CPU from other threads (and from itself in the middle of a block), served between blocks.</summary>
/// <remarks>
/// Who has to know that a translation or a right is gone takes the ticket of <see cref="Ask"/> and waits until <see cref="IsSafe"/>. A CPU that is not
/// in guest code counts as if it had served: it holds no address of guest memory, and serves before it enters. <see cref="EnterGuest"/> and
/// <see cref="Ask"/> both write one word and then read the other's, with a full fence between, so that one of the two always sees the other.
/// A CPU that waits itself serves only what others may wait for (<see cref="ServeWaiting"/>): blocks and emitted code are in use around it.
/// </remarks>
internal sealed unsafe partial class TranslatorCpu
{
    private readonly Lock _requestLock = new();
    private readonly List<CpuRequest> _requests = [];
    private readonly List<CpuRequest> _serving = [];
    private ulong _asked;
    private ulong _served;
    private int _inGuest;
    private int _thread;
    private ulong _codeGeneration;

    /// <summary>The last emptying of the code cache that this CPU knows of.</summary>
    internal ulong CodeGeneration => Volatile.Read(ref _codeGeneration);

    /// <summary>Asks for something to be forgotten; the poll word brings the CPU out of its block. Any thread.</summary>
    internal ulong Ask(CpuRequest request)
    {
        ulong ticket;
        lock (_requestLock)
        {
            _requests.Add(request);
            ticket = ++_asked;
        }

        Interlocked.Or(ref *C->Poll, (uint)PollBits.Engine);
        return ticket;
    }

    /// <summary>The translation or right is gone, or will be before this CPU touches guest memory again. Any thread.</summary>
    internal bool IsSafe(ulong ticket) => Volatile.Read(ref _inGuest) == 0 || Volatile.Read(ref _served) >= ticket;

    /// <summary>From here on this CPU may hold translations and addresses of guest memory. The poll word is to be read next.</summary>
    internal void EnterGuest()
    {
        Volatile.Write(ref _thread, Environment.CurrentManagedThreadId);
        Interlocked.Exchange(ref _inGuest, 1);
    }

    /// <summary>It holds none until it enters again, and all its stores are done.</summary>
    internal void LeaveGuest() => Volatile.Write(ref _inGuest, 0);

    /// <summary>That thread is in this CPU's guest code, or in a callback from it.</summary>
    internal bool IsOn(int thread) => Volatile.Read(ref _inGuest) != 0 && Volatile.Read(ref _thread) == thread;

    /// <summary>Serves what others may wait for while this CPU waits for them; the rest is left for <see cref="ServeRequests"/>. On its own thread.</summary>
    internal void ServeWaiting()
    {
        if (Volatile.Read(ref _asked) == _served)
            return;
        lock (_requestLock)
        {
            for (int index = 0; index < _requests.Count;)
            {
                if (_requests[index].Kind is not (CpuRequestKind.FlushTranslations or CpuRequestKind.ProtectFrame))
                {
                    index++;
                    continue;
                }

                Serve(_requests[index]);
                _requests.RemoveAt(index);
            }

            Volatile.Write(ref _served, _asked);
        }
    }

    private void ServeRequests()
    {
        Interlocked.And(ref *C->Poll, ~(uint)PollBits.Engine);
        while (true)
        {
            ulong last;
            lock (_requestLock)
            {
                if (_requests.Count == 0)
                    return;
                _serving.AddRange(_requests);
                _requests.Clear();
                last = _asked;
            }

            foreach (CpuRequest request in _serving)
                Serve(request);
            _serving.Clear();
            Volatile.Write(ref _served, last);
        }
    }

    private void Serve(CpuRequest request)
    {
        switch (request.Kind)
        {
            case CpuRequestKind.FlushTranslations:
                Memory.FlushAll();
                break;
            case CpuRequestKind.ProtectFrame:
                Memory.ProtectFrame(request.Frame);
                break;
            case CpuRequestKind.NoteWrite:
                _machine.CodePages.Written(request.Frame);
                break;
            case CpuRequestKind.EmptyCode:
                _blocks.Empty();
                ForgetJumps();
                Volatile.Write(ref _codeGeneration, request.Frame);
                break;
            default:
                _blocks.Drop(request.Frame);
                ForgetJumps();
                break;
        }
    }

    // Entries of the jump caches hold the epoch they were made in, so a new one makes all stale; to clear half a megabyte for each write to code, on
    // every CPU, would cost more than the write. No emitted code is running here: it is entered with the new epoch.
    private void ForgetJumps() => Memory.ForgetCode();
}
