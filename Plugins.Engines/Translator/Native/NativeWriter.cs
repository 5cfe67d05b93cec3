using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>Lets the decoder library's encoder write where the emitter stands.</summary>
internal sealed class NativeWriter(Emitter emitter) : CodeWriter
{
    /// <inheritdoc/>
    public override void WriteByte(byte value) => emitter.Byte(value);
}
