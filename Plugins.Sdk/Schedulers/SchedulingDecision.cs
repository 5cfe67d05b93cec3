namespace Hospes.Sdk.Schedulers;

/// <summary>Who runs next on a pCPU, and for how long at most.</summary>
/// <param name="Vcpu">The vCPU, or null: let the pCPU idle.</param>
/// <param name="Slice">How long until the scheduler wants to be asked again; <see cref="Nanoseconds.Never"/>: until something happens.</param>
public readonly record struct SchedulingDecision(VcpuKey? Vcpu, Nanoseconds Slice);
