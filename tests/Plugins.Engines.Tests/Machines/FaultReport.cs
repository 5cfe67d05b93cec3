namespace Hospes.Engines.Tests.Machines;

/// <summary>The frame that an exception left for its handler.</summary>
internal sealed record FaultReport(int Vector, uint? Error, ulong Rip, ushort Cs, ulong Flags, ulong? Rsp, ushort? Ss, ulong HandlerRsp, ulong Cr2);
