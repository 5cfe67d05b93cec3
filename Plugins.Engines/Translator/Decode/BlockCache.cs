namespace Hospes.Engines.Translator.Decode;

internal sealed class BlockCache(TranslatorCpu cpu) : IDisposable
{
    internal void Drop(ulong frame) => _ = (frame, cpu);

    public void Dispose()
    {
    }
}
