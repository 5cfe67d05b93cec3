namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>The SSE family (SSE to SSE4.2, AES, PCLMULQDQ, SHA) in its legacy encodings, and MMX.</summary>
internal static class VectorInstructions
{
    /// <summary>Enters every handler of this folder.</summary>
    internal static void Register(HandlerTable table)
    {
        VectorMoves.Register(table);
        VectorControl.Register(table);
        PackedLogic.Register(table);
        PackedArithmetic.Register(table);
        PackedMultiply.Register(table);
        PackedShifts.Register(table);
        PackedRearrangement.Register(table);
        ImmediateShuffles.Register(table);
        VariableBlends.Register(table);
        InsertExtract.Register(table);
        FloatArithmetic.Register(table);
        FloatCompare.Register(table);
        FloatConvert.Register(table);
        FloatRounding.Register(table);
        FloatHorizontal.Register(table);
        FloatApproximations.Register(table);
        AesInstructions.Register(table);
        CarrylessMultiply.Register(table);
        ShaInstructions.Register(table);
        StringCompare.Register(table);
        MmMoves.Register(table);
        MmRearrangement.Register(table);
    }
}
