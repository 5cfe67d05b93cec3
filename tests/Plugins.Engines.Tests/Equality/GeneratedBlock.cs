using Iced.Intel;

namespace Hospes.Engines.Tests.Equality;

/// <summary>A piece of code and where it starts from.</summary>
internal sealed record GeneratedBlock(byte[] Code, ulong[] Registers, ulong Flags, int DataSeed)
{
    internal string Listing()
    {
        var decoder = Decoder.Create(64, Code);
        decoder.IP = EnginePair.CodeAt;
        var lines = new List<string>();
        while (decoder.IP < EnginePair.CodeAt + (ulong)Code.Length)
        {
            decoder.Decode(out Instruction instruction);
            lines.Add($"{instruction.IP:x}: {instruction}");
        }

        return string.Join('\n', lines);
    }
}
