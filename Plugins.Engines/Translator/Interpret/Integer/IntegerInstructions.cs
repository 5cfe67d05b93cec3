namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>All general-purpose instructions; see the families.</summary>
internal static class IntegerInstructions
{
    internal static void Register(HandlerTable table)
    {
        Arithmetic.Register(table);
        Moves.Register(table);
        Exchanges.Register(table);
        WideCompareExchange.Register(table);
        Conditionals.Register(table);
        Branches.Register(table);
        Loops.Register(table);
        Multiplication.Register(table);
        Division.Register(table);
        Shifts.Register(table);
        DoubleShifts.Register(table);
        BitTests.Register(table);
        BitScans.Register(table);
        BitManipulation.Register(table);
        CarryChains.Register(table);
        Checksums.Register(table);
        Conversions.Register(table);
        DecimalAdjustments.Register(table);
        FlagInstructions.Register(table);
        StackInstructions.Register(table);
        StackFrames.Register(table);
        FlagStack.Register(table);
        StringMoves.Register(table);
        StringCompares.Register(table);
        Hints.Register(table);
        Checks.Register(table);
    }
}
