using Hospes.Hypervisor.Domains;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>vm_assist(cmd, type): of the types, the runstate update flag (5) is the one that means something to a guest with its own page tables.</summary>
internal sealed class VmAssistCalls(Domain domain) : IHypercall
{
    private const uint Enable = 0;
    private const uint Disable = 1;
    private const uint RunstateUpdateFlag = 5;

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        uint command = (uint)frame.Argument1;
        if (command is not (Enable or Disable))
            return Errno.NotImplemented;
        if ((uint)frame.Argument2 != RunstateUpdateFlag)
            return Errno.Invalid;
        foreach (Vcpu vcpu in domain.Vcpus)
            vcpu.Runstate.FlagsUpdates = command == Enable;
        return 0;
    }
}
