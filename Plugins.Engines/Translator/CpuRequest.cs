namespace Hospes.Engines.Translator;

/// <summary>Something a CPU is to forget before its next block.</summary>
/// <param name="Kind">What.</param>
/// <param name="Frame">Of which guest frame, where that matters.</param>
internal readonly record struct CpuRequest(CpuRequestKind Kind, ulong Frame)
{
    internal static readonly CpuRequest FlushTranslations = new(CpuRequestKind.FlushTranslations, 0);
}
