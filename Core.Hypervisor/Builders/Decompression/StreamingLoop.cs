namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>Feeds a <see cref="IStreamingCodec"/> from a stream and lets it write straight into the buffer.</summary>
internal static class StreamingLoop
{
    private const int ChunkSize = 1 << 20;

    /// <summary>
    /// Decodes one compressed stream, and the ones that follow it directly (parallel compressors such as pbzip2 and pzstd write several).
    /// </summary>
    /// <param name="open">Makes a decoder for each stream.</param>
    /// <param name="recognises">Whether bytes after the end of a stream begin another one.</param>
    /// <param name="input">The compressed data.</param>
    /// <param name="output">Where it goes.</param>
    public static void Run(Func<IStreamingCodec> open, Func<ReadOnlySpan<byte>, bool> recognises, Stream input, DecompressionBuffer output)
    {
        byte[] chunk = GC.AllocateUninitializedArray<byte>(ChunkSize);
        int start = 0;
        int end = 0;
        do
        {
            using IStreamingCodec codec = open();
            bool finished = false;
            while (!finished)
            {
                if (start == end)
                {
                    start = 0;
                    end = input.Read(chunk);
                }

                finished = codec.Step(chunk.AsSpan(start, end - start), output.Free, out int consumed, out int produced);
                start += consumed;
                output.Advance(produced);
                if (!finished && consumed == 0 && produced == 0 && (start != end || input.Position == input.Length))
                    throw new InvalidDataException("ends too early");
            }

            chunk.AsSpan(start, end - start).CopyTo(chunk);
            end -= start;
            start = 0;
            end += input.ReadAtLeast(chunk.AsSpan(end), Math.Max(CompressionMethods.BytesNeeded - end, 0), throwOnEndOfStream: false);
        }
        while (recognises(chunk.AsSpan(0, end)));
    }
}
