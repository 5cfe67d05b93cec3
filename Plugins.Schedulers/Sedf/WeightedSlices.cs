using Hospes.Sdk;

namespace Hospes.Schedulers.Sedf;

/// <summary>Slices of those whose share is given by weight: what the others on the pCPU leave of 95 ms in 100 (fact sheet, 3.2).</summary>
internal static class WeightedSlices
{
    private static readonly Nanoseconds SafetyMargin = Nanoseconds.FromMilliseconds(5);

    /// <summary>Works out periods and slices of a pCPU's vCPUs anew.</summary>
    internal static void Compute(SedfPcpu pcpu)
    {
        long weights = 0;
        Int128 reserved = 0;
        foreach (SedfVcpu vcpu in pcpu.Vcpus)
        {
            SedfParameters parameters = vcpu.Domain.Parameters;
            if (parameters.IsByWeight)
                weights += parameters.Weight;
            else if (parameters.Weight == 0)
                reserved += (Int128)parameters.Slice.Value * SedfParameters.WeightPeriod.Value / parameters.Period.Value;
        }

        long free = Math.Max(0, (long)(SedfParameters.WeightPeriod.Value - SafetyMargin.Value - reserved));
        foreach (SedfVcpu vcpu in pcpu.Vcpus)
            (vcpu.Period, vcpu.Slice) = Of(vcpu.Domain.Parameters, free, weights);
    }

    private static (Nanoseconds Period, Nanoseconds Slice) Of(SedfParameters parameters, long free, long weights) => parameters switch
    {
        { IsExtraByWeight: true } => (SedfParameters.WeightPeriod, default),
        { IsByWeight: true } => (SedfParameters.WeightPeriod, new Nanoseconds((long)((Int128)free * parameters.Weight / weights))),
        _ => (parameters.Period, parameters.Slice),
    };
}
