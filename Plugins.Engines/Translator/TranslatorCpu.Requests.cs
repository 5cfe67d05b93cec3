using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Hospes.Engines.Translator.Native;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Translator;

/// <summary>Requests to a CPU from other threads (and from itself in the middle of a block), served between blocks.</summary>
internal sealed unsafe partial class TranslatorCpu
{
    private readonly ConcurrentQueue<CpuRequest> _requests = new();

    /// <summary>Asks for something to be forgotten; the poll word brings the CPU out of its block. Any thread.</summary>
    internal void Ask(CpuRequest request)
    {
        _requests.Enqueue(request);
        Interlocked.Or(ref *C->Poll, (uint)PollBits.Engine);
    }

    private void ServeRequests()
    {
        Interlocked.And(ref *C->Poll, ~(uint)PollBits.Engine);
        while (_requests.TryDequeue(out CpuRequest request))
        {
            switch (request.Kind)
            {
                case CpuRequestKind.FlushTranslations:
                    Memory.FlushAll();
                    break;
                case CpuRequestKind.ProtectFrame:
                    Memory.ProtectFrame(request.Frame);
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
    }

    /// <summary>The last emptying of the code cache that this CPU knows of.</summary>
    internal ulong CodeGeneration => Volatile.Read(ref _codeGeneration);

    private ulong _codeGeneration;

    private void ForgetJumps() => NativeMemory.Clear(C->Jumps, (nuint)(NativeJump.Count * sizeof(NativeJump)));
}
